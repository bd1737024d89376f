-- wrk: authorize alone, each call another request id; the holds expire by themselves.
local counter, thread = 0, 0

function setup(t) thread = thread + 1; t:set("id", thread) end

function init(args)
  token = args[1]
  stamp = os.time()
end

function request()
  counter = counter + 1
  local body = '{"request_id":"b-' .. stamp .. '-' .. id .. '-' .. counter ..
    '","team":"bench","feature":"chat","model":"gpt-4o-mini","input_tokens":1200,"max_output_tokens":400,"hold_seconds":5}'
  return wrk.format("POST", "/v1/authorize", {["Authorization"] = "Bearer " .. token}, body)
end
