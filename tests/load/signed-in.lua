-- What wrk does for `signed-in`: wrk … -- FILE STATUS
--
-- Sends the requests of FILE in turn, whatever the connection; each ends with a NUL. Counts the answers that have another
-- status, or are those of a call that failed. The last line is what came of it, as JSON, in microseconds.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  requests = {}
  for request in io.open(arguments[1], "rb"):read("*a"):gmatch("%Z+") do
    table.insert(requests, request)
  end
  status = tonumber(arguments[2])
  last, wrong = 0, 0
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function response(got, _, body)
  local failed = body:find('"isError":true', 1, true) or body:find('"error":', 1, true)
  if got ~= status or got == 200 and failed then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  for _, thread in ipairs(threads) do
    failed = failed + thread:get("wrong")
  end
  local text = '{"calls": %d, "failed": %d, "p50": %d, "p99": %d, "worst": %d}\n'
  io.write(text:format(summary.requests, failed, latency:percentile(50), latency:percentile(99), latency.max))
end
