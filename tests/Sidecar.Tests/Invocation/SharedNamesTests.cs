using Microsoft.Extensions.Logging.Abstractions;
using RealTimeMesh.Sidecar.Invocation.Names;

namespace RealTimeMesh.Sidecar.Tests.Invocation;

public sealed class SharedNamesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("names-").FullName;

    private string Folder => Path.Combine(_root, "names");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Sidecar_is_found_from_its_registration_to_its_end_by_another_of_the_same_folder()
    {
        var (one, other) = (Names(), Names());
        await using (await one.RegisterAsync(new NameRegistration("app/1", "default", "127.0.0.1:1"), default))
        {
            Assert.Equal(["127.0.0.1:1"], await other.FindAsync("app/1", "default", default));
            Assert.Empty(await other.FindAsync("app", "default", default));
        }

        Assert.Empty(await other.FindAsync("app/1", "default", default));
    }

    [Fact]
    public async Task Replicas_of_the_asked_namespace_are_preferred()
    {
        var names = Names();
        await using var first = await names.RegisterAsync(new NameRegistration("app", "a", "127.0.0.1:1"), default);
        await using var second = await names.RegisterAsync(new NameRegistration("app", "b", "127.0.0.1:2"), default);
        await using var third = await names.RegisterAsync(new NameRegistration("app", "b", "127.0.0.1:3"), default);
        Assert.Equal(["127.0.0.1:2", "127.0.0.1:3"], (await names.FindAsync("app", "b", default)).Order());
        Assert.Equal(3, (await names.FindAsync("app", "c", default)).Count);
    }

    [Fact]
    public async Task Entry_of_a_dead_process_is_not_found()
    {
        var names = Names();
        await using var registration = await names.RegisterAsync(new NameRegistration("app", "a", "127.0.0.1:1"), default);
        var file = Directory.GetFiles(Path.Combine(Folder, "app")).Single();
        // No process has the highest number.
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace($"\"ProcessId\":{Environment.ProcessId}", $"\"ProcessId\":{int.MaxValue}", StringComparison.Ordinal));
        Assert.Empty(await names.FindAsync("app", "a", default));
    }

    [Fact]
    public async Task Entry_that_is_not_renewed_expires()
    {
        var names = Names();
        await using var registration = await names.RegisterAsync(new NameRegistration("app", "a", "127.0.0.1:1"), default);
        File.SetLastWriteTimeUtc(Directory.GetFiles(Path.Combine(Folder, "app")).Single(), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1));
        Assert.Empty(await names.FindAsync("app", "a", default));
    }

    [Fact]
    public async Task Half_a_file_is_nobody()
    {
        var names = Names();
        await using var registration = await names.RegisterAsync(new NameRegistration("app", "a", "127.0.0.1:1"), default);
        await File.WriteAllTextAsync(Path.Combine(Folder, "app", "broken.json"), "{\"AppId\":\"app\",");
        Assert.Equal(["127.0.0.1:1"], await names.FindAsync("app", "a", default));
    }

    [Fact]
    public async Task Folder_that_others_may_enter_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "folders have no modes there");
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        await Assert.ThrowsAsync<IOException>(() => Names().RegisterAsync(new NameRegistration("app", "a", "127.0.0.1:1"), default));
    }

    private SharedNames Names() => new(new SharedNamesOptions { Folder = Folder }, TimeProvider.System, NullLogger.Instance);
}
