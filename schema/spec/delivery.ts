import { z } from 'zod'
import type { SlackEvent } from '../slack-events.ts'
import {
  Cluster,
  DocumentName,
  Folder,
  GitRevision,
  Namespace,
  NeighborFile,
  Repository,
  Schedule,
  TemplateFile,
  TimeZone,
  Url,
  WindowDuration,
} from './names.ts'
import { defineNamed, defineSection } from './section.ts'
import { defineWords } from './words.ts'

const meaningOfEvents: Readonly<Record<SlackEvent, string>> = {
  failed: 'A sync failed',
  degraded: 'A deployed resource is not healthy',
  unknown: 'Argo CD cannot compare the cluster with what is committed',
  waiting: 'The cluster differs from what is committed, and waits for a sync',
  deployed: 'A sync succeeded, and all resources are healthy',
}

/** The delivery of built files to the cluster. */
export const Delivery = defineSection({
  repository: Repository.meta({
    description: 'The git repository that holds `out/`',
    examples: ['https://git.example.com/platform/mesh.git'],
  }),
  revision: GitRevision.meta({
    description: 'The branch, tag or commit that Argo CD follows',
    examples: ['main'],
  }),
  path: Folder.meta({
    description: 'The folder of the repository that contains `out/`; by default its root',
    examples: ['platform/mesh'],
  }),
  cluster: Cluster.meta({
    description: 'The cluster, as Argo CD knows it: by its name, or by the URL of its API server',
    examples: ['shop-prod-eu'],
  }),
  argocd: defineSection({
    namespace: Namespace.meta({ description: 'The namespace that Argo CD runs in', examples: ['argocd'] }),
    url: Url.meta({
      description: 'The URL at which people open Argo CD; notifications link to it',
      examples: ['https://argocd.example.com'],
    }),
  }).meta({
    description: 'The Argo CD that delivers this environment',
    examples: [{ url: 'https://argocd.example.com' }],
  }),
  sync: defineWords({
    manual: 'Argo CD shows the differences, and a person starts a sync',
    automatic: 'Argo CD applies what is committed',
  }).meta({ description: 'Whether Argo CD syncs by itself, or waits for a person', examples: ['manual'] }),
  window: defineSection({
    schedule: Schedule.meta({
      description: 'When the window opens, in the syntax of cron',
      examples: ['0 9 * * 1-4'],
    }),
    duration: WindowDuration.meta({ description: 'How long the window stays open', examples: ['6h'] }),
    timeZone: TimeZone.meta({
      description: 'The time zone of the schedule',
      examples: ['Europe/Berlin'],
    }),
  }).meta({
    description: 'When the environment may change; with `sync: automatic`, a person may sync at any time',
    examples: [{ schedule: '0 9 * * 1-4', duration: '6h', timeZone: 'Europe/Berlin' }],
  }),
  slack: defineSection({
    channel: z
      .string()
      .regex(/^[a-z0-9][-_a-z0-9]{0,78}$/)
      .meta({
        title: 'a channel name without `#`',
        description: 'The channel that gets the notifications',
        examples: ['mesh-deploys'],
      }),
    events: z.array(defineWords(meaningOfEvents)).meta({
      description: 'The events that the channel is notified of',
      examples: [['failed', 'degraded']],
    }),
  }).meta({ description: 'Notifications in Slack', examples: [{ channel: 'mesh-deploys' }] }),
  neighbors: z.array(NeighborFile).meta({
    description:
      'Files below `out/<environment>/manifests` that meshc does not write, but that are deployed with the rest; any other file there is refused',
    examples: [['team-a/dashboard.yaml']],
  }),
  outputs: z
    .array(
      defineWords({
        argocd: 'Applications and a project for Argo CD',
        chart: 'A Helm chart with the same objects',
        docs: 'A README, a runbook and examples of traffic',
        map: 'A map of the mesh as one page of HTML, `docs/mesh.html`, which grows with the mesh (1 to 2 MB)',
      }),
    )
    .meta({
      description: 'What meshc builds besides the manifests',
      examples: [['argocd', 'docs']],
    }),
  documents: defineNamed(DocumentName, TemplateFile).meta({
    description:
      'Documents of your own: each file of `docs/` with its template in Liquid, by its path from the root of the project. A document of meshc with the same name is replaced',
    examples: [{ 'ON-CALL.md': 'templates/on-call.liquid' }],
  }),
}).meta({
  id: 'Delivery',
  description: 'GitOps: where `out/` is stored and how it is synced',
  examples: [{ sync: 'manual' }],
})
