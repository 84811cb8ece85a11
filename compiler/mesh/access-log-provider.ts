/** The name of the provider that writes the access log where meshc installs the control plane. */
export const accessLogProvider = 'access-log'
