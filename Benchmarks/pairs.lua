-- wrk: authorize and settle in turn; every settlement is committed before its answer.
local counter, thread = 0, 0
local holds = {}

function setup(t) thread = thread + 1; t:set("id", thread) end

function init(args)
  token = args[1]
  stamp = os.time()
end

function request()
  local headers = {["Authorization"] = "Bearer " .. token}
  local hold = table.remove(holds)
  if hold then
    return wrk.format("POST", "/v1/settle", headers,
      '{"hold_id":"' .. hold .. '","usage":{"input_tokens":1200,"output_tokens":310}}')
  end
  counter = counter + 1
  return wrk.format("POST", "/v1/authorize", headers, '{"request_id":"p-' .. stamp .. '-' .. id .. '-' .. counter ..
    '","team":"bench","feature":"chat","model":"gpt-4o-mini","input_tokens":1200,"max_output_tokens":400,"hold_seconds":30}')
end

function response(status, headers, body)
  local hold = string.match(body, '"hold_id":"([^"]+)"')
  if hold then holds[#holds + 1] = hold end
end
