/** The names of the documents that meshc has templates for. */
export const documentNames = [
  'README.md',
  'RUNBOOK.md',
  'TRAFFIC.md',
  'ARCHITECTURE.md',
  'ADR-0001-istio.md',
  'CHANGELOG-ENTRY.md',
] as const
