-- Reads one's own account; the thread's client is one of the accounts in the file.
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
end

function request()
  return wrk.format("GET", "/v1/me", { ["Authorization"] = "Bearer " .. token })
end
