/** The path from an object to the template of its pods, by its kind. */
export const podTemplates: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    Deployment: ['spec', 'template'],
    StatefulSet: ['spec', 'template'],
    DaemonSet: ['spec', 'template'],
    ReplicaSet: ['spec', 'template'],
    ReplicationController: ['spec', 'template'],
    Job: ['spec', 'template'],
    Rollout: ['spec', 'template'],
    CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
    Pod: [],
  }),
)
