import { useState } from 'preact/hooks'

/** A button that copies a text. */
export function CopyButton({ text, words = 'Copy' }: { readonly text: string; readonly words?: string }) {
  const [isCopied, setIsCopied] = useState(false)
  const copy = async () => {
    setIsCopied(await copyText(text))
    setTimeout(() => setIsCopied(false), 1500)
  }
  return (
    <button type="button" class="copy" aria-label={`${words}: ${text}`} title={text} onClick={copy}>
      {isCopied ? 'Copied' : words}
    </button>
  )
}

/** Copies a text. Where a page from a file may not use the clipboard, a selected field copies it. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    field.className = 'hidden'
    document.body.append(field)
    field.select()
    const isCopied = document.execCommand('copy')
    field.remove()
    return isCopied
  }
}

/** A command for a terminal, with a button that copies it. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  )
}
