import type { LiveDiagnostic } from '../../../../compiler/map/live-events.ts'
import type { LiveStatus } from '../engine/follow-server.ts'
import { countWord } from '../graph/words.ts'

/** The news of the server above the picture: a lost connection, and the diagnostics of the spec. */
export function LiveBanner({ status }: { readonly status: LiveStatus }) {
  const { isConnected, diagnostics } = status
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  return (
    <div class="live" role="status">
      {!isConnected && (
        <p class="lost">
          <span aria-hidden="true">⚠</span> The connection to meshc is lost. The picture is the last one that
          it sent. This page tries to connect again.
        </p>
      )}
      {diagnostics.length > 0 && (
        <details class={errors.length > 0 ? 'faults' : 'faults mild'} open={errors.length > 0}>
          <summary>{sayFaults(errors.length, diagnostics.length - errors.length)}</summary>
          <ul>
            {diagnostics.map(diagnostic => (
              <Fault diagnostic={diagnostic} />
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function sayFaults(errors: number, warnings: number): string {
  const counts = [
    ...(errors > 0 ? [countWord(errors, 'error')] : []),
    ...(warnings > 0 ? [countWord(warnings, 'warning')] : []),
  ].join(' and ')
  return errors > 0
    ? `The spec has ${counts}. The picture is of the last state without errors.`
    : `The spec has ${counts}.`
}

function Fault({ diagnostic }: { readonly diagnostic: LiveDiagnostic }) {
  const { severity, code, message, file, line, help } = diagnostic
  return (
    <li class={severity}>
      <p>
        <strong>{severity}</strong> <code>{code}</code> <bdi>{message}</bdi>
      </p>
      {file !== undefined && <code class="quiet">{line === undefined ? file : `${file}:${line}`}</code>}
      {help !== undefined && <p class="quiet">help: {help}</p>}
    </li>
  )
}
