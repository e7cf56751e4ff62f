using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>A secret store could not start or has no such secret; the text is daprd's.</summary>
public sealed class SecretStoreException : RealTimeMeshException
{
    public SecretStoreException(string message)
        : base(message)
    {
    }

    public SecretStoreException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
