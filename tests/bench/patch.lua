-- Each thread is one client with an account of its own: it changes its profile again and again, each time from the
-- version the last answer gave it.
dofile("tests/bench/client.lua")

function init(args)
  token, tag = words(args[1])
  count = 0
end

function request()
  count = count + 1
  local headers = {
    ["Authorization"] = "Bearer " .. token,
    ["Content-Type"] = "application/merge-patch+json",
    ["If-Match"] = tag,
  }
  return wrk.format("PATCH", "/v1/me", headers, '{"display_name":"Ann ' .. count .. '"}')
end

function response(status, headers)
  if status == 200 then
    tag = headers["etag"]
  end
end
