-- istiod writes a status only where its analysis is on, so an object without one is in order:
-- to wait for a status would hold up every sync for ever.
-- Argo CD opens neither string nor math to this script.
local errors, warnings = {}, {}
local status = obj.status or {}
-- istiod never clears a status that it wrote for an older generation of the object.
local isStale = status.observedGeneration ~= nil
  and tostring(status.observedGeneration) ~= tostring(obj.metadata.generation)
local messages = not isStale and status.validationMessages or {}

for _, message in ipairs(messages) do
  local code = message.type ~= nil and message.type.code or "a finding without a code"
  if message.level == "ERROR" then
    if message.documentationUrl ~= nil then
      code = code .. " (" .. message.documentationUrl .. ")"
    end
    table.insert(errors, code)
  elseif message.level == "WARNING" then
    table.insert(warnings, code)
  end
end

if #errors > 0 then
  return { status = "Degraded", message = "istiod found " .. table.concat(errors, ", ") }
end
if #warnings > 0 then
  return { status = "Healthy", message = "istiod warns of " .. table.concat(warnings, ", ") }
end
return { status = "Healthy" }
