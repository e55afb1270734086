"""The pages: people, changes, copies, money, and what outsiders see."""
