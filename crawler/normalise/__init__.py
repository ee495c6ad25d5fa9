"""Values as publishers write them to values that can be compared: dates, names, languages, texts. Pure."""
