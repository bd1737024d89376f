"""Purser for LiteLLM's proxy. In its config.yaml:

    litellm_settings:
      callbacks: ["purser.litellm.plugin"]

README.md tells the settings.
"""
from .plugin import Plugin

plugin = Plugin()
"""What the proxy loads. It reads its settings when the first call comes."""

__all__ = ["Plugin", "plugin"]
