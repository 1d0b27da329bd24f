export const telemetry = {}

export const telemetryTags = {}
