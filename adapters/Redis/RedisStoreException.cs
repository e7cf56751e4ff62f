using RealTimeMesh.Contracts;

namespace RealTimeMesh.Redis;

/// <summary>A Redis server could not be reached, or answered with a fault.</summary>
public sealed class RedisStoreException(string message, Exception? innerException = null) : RealTimeMeshException(message, innerException);
