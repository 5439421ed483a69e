-- Each thread is one client that founds organisation after organisation, each under an Idempotency-Key of its own.
local number = 0

function setup(thread)
  thread:set("client", number)
  number = number + 1
end

function init(args)
  local line = 0
  for account in io.lines(args[1]) do
    if line == client then
      token = account:match("(%S+)")
    end
    line = line + 1
  end
  count = 0
end

function request()
  count = count + 1
  local headers = {
    ["Authorization"] = "Bearer " .. token,
    ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = os.time() .. "-" .. client .. "-" .. count,
  }
  return wrk.format("POST", "/v1/organizations", headers, '{"name":"Works ' .. count .. '"}')
end
