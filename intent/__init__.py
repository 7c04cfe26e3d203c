"""What an image's pixels say it is: decoding, the network, inference, topics, query-time features, re-ranking.

Reading pictures, inference and topics need no torch; `intent.model`, `intent.data`, `intent.fitting`,
`intent.training` and `intent.export` do, and are imported where they are used.
"""
