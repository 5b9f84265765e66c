"""Checks of the family events: lifecycle stream, webhooks, and their agreement with polling."""
