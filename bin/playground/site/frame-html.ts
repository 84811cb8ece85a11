import { escapeHtml } from '../../../compiler/map/page-html.ts'

/** A page of the site. */
interface Frame {
  readonly title: string
  /** The path from the page to the root of the site: empty, or `../../`. */
  readonly root: string
  /** The script of the page, from the root. */
  readonly script: string
  /** The HTML of the page, which its maker has escaped. */
  readonly body: string
  /** The content security policy. */
  readonly policy: string
  readonly version: string
  /** The part of the site that the page is in. */
  readonly part: Part | undefined
}

export type Part = 'playground' | 'guides' | 'reference' | 'mistakes' | 'diagnostics'

const siteParts: readonly (readonly [Part, words: string, address: string])[] = [
  ['playground', 'Playground', 'index.html'],
  ['guides', 'Guides', 'docs/guides/getting-started.html'],
  ['reference', 'Reference', 'docs/reference.html'],
  ['mistakes', 'Typical mistakes', 'docs/mistakes.html'],
  ['diagnostics', 'Diagnostics', 'docs/diagnostics/index.html'],
]

/** Prints a page of the site around its content. */
export function printFrame({ title, root, script, body, policy, version, part }: Frame): string {
  const links = siteParts.map(([name, words, address]) => {
    const current = name === part ? ' aria-current="page"' : ''
    return `<a href="${root}${address}"${current}>${words}</a>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="meshc ${escapeHtml(version)}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${root}icon.svg">
<link rel="stylesheet" href="${root}playground.css">
<script type="module" src="${root}${script}"></script>
</head>
<body class="${part === 'playground' ? 'app' : 'docs'}">
<a class="skip" href="#main">Skip to the content</a>
<header class="site">
<a class="brand" href="${root}index.html"><img src="${root}icon.svg" alt="" width="22" height="22"> meshc</a>
<nav aria-label="Site">${links.join('')}</nav>
<button type="button" class="theme" id="theme" hidden></button>
</header>
${body}
</body>
</html>
`
}
