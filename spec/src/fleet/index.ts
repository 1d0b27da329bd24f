export const fleet = {}

export const fleetTags = {}
