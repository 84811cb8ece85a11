export const isEmpty = (map: Readonly<Record<string, unknown>>): boolean => Object.keys(map).length === 0
