import type { SlackEvent } from '../../../schema/slack-events.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'
import type { Manifest } from '../manifest.ts'
import { printYaml } from '../yaml.ts'
import { emitArgocdSettings } from './argocd-object.ts'

/**
 * Emits the messages for Slack and their triggers. Each AppProject names its channel. So environments that share an Argo CD share
 * this object, and none overwrites another's channel.
 */
export function emitNotifications(mesh: Mesh, channel: Sourced<string>): Manifest {
  const { url } = mesh.delivery.argocd
  const data: Record<string, string | Sourced<string>> = {
    // The token is in the Secret `argocd-notifications-secret`, under this key.
    'service.slack': printYaml({ token: '$slack-token' }),
  }
  for (const [event, { when, description, oncePer }] of noticeEntries) {
    data[`trigger.${getTrigger(event)}`] = printYaml([
      { when, description, send: [getTemplate(event)], ...(oncePer !== undefined && { oncePer }) },
    ])
  }
  for (const [event, notice] of noticeEntries) {
    const text = printYaml(template(notice, url?.value))
    data[`template.${getTemplate(event)}`] = url === undefined ? text : because(text, url)
  }
  const { tree, ...manifest } = emitArgocdSettings(
    mesh,
    'argocd-notifications-cm',
    'policy:notification',
    data,
  )
  return { ...manifest, tree: because(tree, channel) }
}

/** The annotations by which a channel hears of every Application of an AppProject. */
export function makeSubscriptions(mesh: Mesh): Readonly<Record<string, Sourced<string>>> {
  const { slackChannel, slackEvents } = mesh.delivery
  if (slackChannel === undefined) return {}
  return Object.fromEntries(
    slackEvents.map(event => [
      `notifications.argoproj.io/subscribe.${getTrigger(event.value)}.slack`,
      because(slackChannel, event, 'policy:notification'),
    ]),
  )
}

/** A notice that can be sent. */
interface Notice {
  readonly when: string
  readonly description: string
  /** Argo CD sends the notification once for each value of this expression; without it, each time that the condition becomes true. */
  readonly oncePer?: string
  readonly message: string
  readonly color: string
}

const application = '{{.app.metadata.name}}'

// An Application that is new has no status yet. See https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/triggers/
const notices: Readonly<Record<SlackEvent, Notice>> = {
  failed: {
    when: "app.status?.operationState?.phase in ['Error', 'Failed']",
    description: 'a sync failed',
    message: `:x: ${application} could not be synced: {{.app.status.operationState.message}}`,
    color: '#e96d76',
  },
  degraded: {
    when: "app.status?.health?.status == 'Degraded'",
    description: 'something that was applied is not healthy',
    message: `:warning: ${application} is degraded`,
    color: '#f4c030',
  },
  unknown: {
    when: "app.status?.sync?.status == 'Unknown'",
    description: 'Argo CD cannot compare what is there with what should be',
    message: `:grey_question: ${application} cannot be compared with git`,
    color: '#ccd6dd',
  },
  waiting: {
    when: "app.status?.sync?.status == 'OutOfSync' and (app.spec.syncPolicy?.automated == nil or app.spec.syncPolicy?.automated?.enabled == false)",
    description: 'a change waits until a person syncs it',
    oncePer: 'app.status?.sync?.revision',
    message: `:hourglass: ${application} has a change that waits to be synced`,
    color: '#0dadea',
  },
  deployed: {
    when: "app.status?.operationState?.phase in ['Succeeded'] and app.status?.health?.status == 'Healthy'",
    description: 'a change was synced, and all is healthy',
    oncePer: 'app.status?.operationState?.syncResult?.revision',
    message: `:white_check_mark: ${application} is in sync and healthy`,
    color: '#18be52',
  },
}
// The keys are those of the record.
const noticeEntries = Object.entries(notices) as readonly (readonly [SlackEvent, Notice])[]

const getTrigger = (event: SlackEvent) => `on-mesh-${event}`
const getTemplate = (event: SlackEvent) => `mesh-${event}`

function template({ message, color }: Notice, url: string | undefined): object {
  const attachment = {
    title: application,
    ...(url !== undefined && { title_link: `${url.replace(/\/$/, '')}/applications/${application}` }),
    color,
    fields: [
      { title: 'Environment', value: '{{.app.metadata.labels.environment}}', short: true },
      { title: 'Revision', value: '{{.app.status.sync.revision}}', short: true },
    ],
  }
  return {
    message,
    slack: { attachments: `${JSON.stringify([attachment], undefined, 2)}\n` },
  }
}
