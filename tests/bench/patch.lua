-- Each thread is one client with an account of its own: it changes its profile again and again, each time from the
-- version the last answer gave it.
local number = 0

function setup(thread)
  thread:set("client", number)
  number = number + 1
end

function init(args)
  local line = 0
  for account in io.lines(args[1]) do
    if line == client then
      token, tag = account:match("(%S+) (%S+)")
    end
    line = line + 1
  end
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
