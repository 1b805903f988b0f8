"""The functions behind `import zoo`, and the results they return."""
