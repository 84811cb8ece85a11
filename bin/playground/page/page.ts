import { startThemeButton } from './theme-button.ts'

startThemeButton()

// A page of text loads the editor when somebody wants it.
for (const link of document.querySelectorAll<HTMLAnchorElement>('.block-tools > a.open')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Edit here'
  button.addEventListener('click', () => {
    button.disabled = true
    void import('./inline-editor.tsx').then(({ openInlineEditor }) => openInlineEditor(link))
  })
  link.before(button)
}
