-- A load of a given rate for wrk: each connection waits between two requests, PAUSE milliseconds on average, so that
-- connections do not march in step.
local pause = tonumber(os.getenv("PAUSE"))
math.randomseed(os.time())

function delay()
  return math.random(0, 2 * pause)
end
