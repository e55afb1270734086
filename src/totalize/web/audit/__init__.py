"""The log of every act, which can be shown to be whole."""
