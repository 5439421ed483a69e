-- What the scripts of the benchmarks share: each thread is one client, with the line of a file that is its own.
local number = 0

function setup(thread)
  thread:set("client", number)
  number = number + 1
end

-- The words of the client's line.
function words(file)
  local line = 0
  for text in io.lines(file) do
    if line == client then
      return text:match("(%S+) (%S+)")
    end
    line = line + 1
  end
end
