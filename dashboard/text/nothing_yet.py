"""What page, report, export and terminal say while there is nothing to show."""

NO_FIGURES = "There are no figures yet: make run loads input/ and builds them."
NO_EVENTS = "No events are loaded yet: put files into input/ and run make run."
