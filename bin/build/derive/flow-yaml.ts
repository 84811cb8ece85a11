/** A value as YAML on one line, as a person would write it: `{ from: web, methods: [GET] }`. */
export function printFlowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printFlowYaml).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, entry]) => `${printFlowYaml(key)}: ${printFlowYaml(entry)}`,
    )
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  }
  return typeof value === 'string' && !isPlainFlowText(value) ? JSON.stringify(value) : String(value)
}

/** Tells whether YAML reads a text without quotes as that text, also between braces. */
function isPlainFlowText(text: string): boolean {
  const isWord = /^([A-Za-z/]|\.\.?\/)[^,[\]{}"#:\n]*(:[^\s,[\]{}"#:]+)*$/.test(text) && text === text.trim()
  const isQuantity = /^\d+(\.\d+)?(%|[A-Za-z]{1,2})$|^\d+\.\d+\.\d+$/.test(text)
  return isQuantity || (isWord && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text))
}
