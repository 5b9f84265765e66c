"""Replay of cassettes: to httpx code (`client`), and as a server for any language (`server`)."""
