/** The formats of a diff. */
export const diffFormats = ['text', 'markdown', 'json', 'sarif', 'github'] as const
export type DiffFormat = (typeof diffFormats)[number]
