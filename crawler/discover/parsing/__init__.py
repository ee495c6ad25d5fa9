"""What the formats share: dates, addresses, links and texts as strangers write them."""
