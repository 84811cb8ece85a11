/** The events of an environment that a Slack channel can get. */
export const slackEvents = ['failed', 'degraded', 'unknown', 'waiting', 'deployed'] as const
export type SlackEvent = (typeof slackEvents)[number]
