"""The page of all models and those of other leaderboards: which model fits my limits?"""
