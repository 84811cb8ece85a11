const next = { system: 'light', light: 'dark', dark: 'system' } as const
const themeWords = { system: 'as the system', light: 'light', dark: 'dark' } as const
const themeSigns = { system: '◐', light: '☀', dark: '☾' } as const

type Theme = keyof typeof next

const key = 'meshc-theme'

/** Starts the button of colors, which all pages of the site remember. */
export function startThemeButton(): void {
  const button = document.getElementById('theme')
  if (button === null) return
  show(readTheme())
  button.hidden = false
  button.addEventListener('click', () => {
    const theme = next[readTheme()]
    try {
      localStorage.setItem(key, theme)
    } catch {
      // A browser that keeps nothing shows the choice until the page is left.
    }
    show(theme)
  })

  function show(theme: Theme): void {
    document.documentElement.dataset['theme'] = theme
    button!.textContent = themeSigns[theme]
    button!.setAttribute('aria-label', `Colors: ${themeWords[theme]}`)
    button!.title = `Colors: ${themeWords[theme]}`
  }
}

function readTheme(): Theme {
  const shown = document.documentElement.dataset['theme']
  if (shown === 'light' || shown === 'dark' || shown === 'system') return shown
  try {
    const kept = localStorage.getItem(key)
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    return 'system'
  }
}
