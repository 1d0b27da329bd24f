import type { Page } from 'playwright-core'

/** Of all text against its background, as WCAG 2 counts it. */
export function leastContrast(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number)
    const luminance = (color) => {
      const [r, g, b] = channels(color).map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
      const color = getComputedStyle(element).backgroundColor
      return channels(color)[3] === 0 && element.parentElement ? behind(element.parentElement) : color
    }
    const texts = [...document.body.querySelectorAll('a, p, li, pre, code, time, h1, h2, h3, th, td, dt, dd, span, label, button, input, summary, strong')]
    return Math.min(...texts.filter((element) => element.checkVisibility()).map((element) => {
      const [light, dark] = [getComputedStyle(element).color, behind(element)].map(luminance).sort((a, b) => b - a)
      return (light + 0.05) / (dark + 0.05)
    }))
  })()`)
}
