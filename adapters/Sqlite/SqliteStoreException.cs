using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sqlite;

/// <summary>A database could not be opened, or refused what was asked.</summary>
public sealed class SqliteStoreException(string message, Exception? innerException = null) : RealTimeMeshException(message, innerException);
