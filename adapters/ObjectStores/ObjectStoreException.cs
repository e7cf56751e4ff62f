namespace RealTimeMesh.ObjectStores;

/// <summary>A request that an object store refused or did not answer. What it was to do may have been done where it was a put.</summary>
public sealed class ObjectStoreException : IOException
{
    public ObjectStoreException(string path, string message, bool isTransient = false, Exception? innerException = null)
        : base($"{path}: {message}", innerException) => (Path, IsTransient) = (path, isTransient);

    /// <summary>URI of the object or the container.</summary>
    public string Path { get; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient { get; }

    /// <summary>How long the store asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
