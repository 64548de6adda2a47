print("tsrelay")
