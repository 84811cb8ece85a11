/** The formats of a diff. */
export const diffFormats = ['text', 'markdown', 'html', 'json', 'sarif', 'github'] as const
export type DiffFormat = (typeof diffFormats)[number]
