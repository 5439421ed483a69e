-- Each thread is one person in a session of his own: he answers item after item, again and again, each time under a
-- higher number.
local number = 0

function setup(thread)
  thread:set("client", number)
  number = number + 1
end

function init(args)
  local line = 0
  for person in io.lines(args[1]) do
    if line == client then
      token, session = person:match("(%S+) (%S+)")
    end
    line = line + 1
  end
  items = tonumber(args[2])
  count = tonumber(args[3])
end

function request()
  count = count + 1
  local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  local path = "/v1/interview-sessions/" .. session .. "/answers/i" .. (count % items + 1)
  return wrk.format("PUT", path, headers, '{"sequence":' .. count .. ',"reply":{"step":' .. (count % 5 + 1) .. '}}')
end

function response(status, headers, body)
  if status ~= 200 then
    print("answer " .. status .. " " .. body)
  end
end
