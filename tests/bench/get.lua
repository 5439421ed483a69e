-- Reads one's own account; the thread's client is one of the accounts in the file.
dofile("tests/bench/client.lua")

function init(args)
  token = words(args[1])
end

function request()
  return wrk.format("GET", "/v1/me", { ["Authorization"] = "Bearer " .. token })
end
