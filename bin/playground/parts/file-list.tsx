import type { BuiltFile, LitLines } from '../share/messages.ts'

/** The built files by their folders; those with lit lines bear their number. */
export function FileList({
  files,
  shown,
  lit,
  onShow,
}: {
  readonly files: readonly BuiltFile[]
  readonly shown: string | undefined
  readonly lit: Readonly<Record<string, LitLines>>
  readonly onShow: (path: string) => void
}) {
  const folders = new Map<string, string[]>()
  for (const { path } of files) {
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
    folders.set(folder, [...(folders.get(folder) ?? []), path])
  }
  return (
    <nav class="files" aria-label="Built files">
      {[...folders]
        .toSorted(([a], [b]) => rankFolder(a) - rankFolder(b))
        .map(([folder, paths]) => (
          <div key={folder}>
            {folder !== '' && <h3>{folder}</h3>}
            <ul>
              {paths.map(path => (
                <li key={path}>
                  <button
                    type="button"
                    aria-current={path === shown ? 'true' : undefined}
                    onClick={() => onShow(path)}
                  >
                    {path.slice(folder === '' ? 0 : folder.length + 1)}
                    <Lit lines={lit[path]} />
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
    </nav>
  )
}

/** The files of the root come first, then the manifests. */
const rankFolder = (folder: string) => (folder === '' ? 0 : folder.startsWith('manifests/') ? 1 : 2)

function Lit({ lines }: { readonly lines: LitLines | undefined }) {
  if (lines === undefined) return null
  const count = lines.near.length + lines.far.length
  return (
    <>
      {' '}
      <span class={lines.near.length > 0 ? 'badge' : 'badge far'}>
        {count}
        <span class="hidden"> lit {count === 1 ? 'line' : 'lines'}</span>
      </span>
    </>
  )
}
