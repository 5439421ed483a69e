-- Each thread is one person in a session of their own: they answer item after item, again and again, each time under a
-- higher number.
dofile("tests/bench/client.lua")

function init(args)
  token, session = words(args[1])
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
