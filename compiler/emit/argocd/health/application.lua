-- Sync waves of Applications wait for health, and Argo CD itself knows none of an Application.
-- See https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#argocd-app
if obj.status ~= nil and obj.status.health ~= nil and obj.status.health.status ~= nil then
  return { status = obj.status.health.status, message = obj.status.health.message }
end
return { status = "Progressing", message = "Argo CD has not looked at it yet" }
