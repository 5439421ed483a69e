-- Each thread is one client that founds organisation after organisation, each under an Idempotency-Key of its own.
dofile("tests/bench/client.lua")

function init(args)
  token = words(args[1])
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
