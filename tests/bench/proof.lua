-- Asks for the proofs of the events in the file, one after the other and round again.
function init(args)
  paths = {}
  for id in io.lines(args[1]) do
    paths[#paths + 1] = wrk.format("GET", "/v1/audit/events/" .. id .. "/proof")
  end
  place = 0
end

function request()
  place = place % #paths + 1
  return paths[place]
end

function response(status, headers, body)
  if status ~= 200 and not told then
    told = true
    print("answer " .. status .. ": " .. body)
  end
end
