import { startThemeButton } from './theme-button.ts'

startThemeButton()

// A page of text loads the editor when its reader wants it.
for (const link of document.querySelectorAll<HTMLAnchorElement>('.block-tools > a.open')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Edit here'
  button.addEventListener('click', () => {
    button.remove()
    void import('./inline-editor.tsx').then(({ openInlineEditor }) => openInlineEditor(link))
  })
  link.before(button)
}

// A long list at the side shows the page that is open.
const side = document.querySelector<HTMLElement>('.side')
const current = side?.querySelector<HTMLElement>('[aria-current]')
if (side != null && current != null) side.scrollTop = current.offsetTop - side.clientHeight / 2
