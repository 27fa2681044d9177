print("Ingestion")
