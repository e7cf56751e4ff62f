using Microsoft.AspNetCore.Builder;

namespace RealTimeMesh.StreamProcessor;

/// <summary>Builds the application; the host and <c>Program.cs</c> run the same one.</summary>
public static class StreamProcessorApp
{
    public static WebApplication Build(string[] args) => throw new NotImplementedException();
}
