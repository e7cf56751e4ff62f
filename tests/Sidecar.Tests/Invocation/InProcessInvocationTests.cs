using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Sidecar.Invocation.Names;

namespace RealTimeMesh.Sidecar.Tests.Invocation;

public sealed class InProcessInvocationTests
{
    [Fact]
    public async Task Sidecars_of_one_process_find_each_other_and_call_replicas_in_turn()
    {
        await using var first = await WebTestApp.StartAsync(context => context.Response.WriteAsync("first"));
        await using var second = await WebTestApp.StartAsync(context => context.Response.WriteAsync("second"));
        var names = new InProcessNames();
        await using var caller = Build("caller", 0, names);
        await using var callee = Build("callee", first.Port, names);
        await using var replica = Build("callee", second.Port, names);
        foreach (var sidecar in (Microsoft.AspNetCore.Builder.WebApplication[])[caller, callee, replica])
            await sidecar.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{caller.Services.GetRequiredService<SidecarPorts>().Http}") };
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
            answers.Add(await http.GetStringAsync("/v1.0/invoke/callee/method/x"));
        Assert.Equal(["first", "first", "second", "second"], answers.Order());
        foreach (var sidecar in (Microsoft.AspNetCore.Builder.WebApplication[])[caller, callee, replica])
            await sidecar.StopAsync();
    }

    private static Microsoft.AspNetCore.Builder.WebApplication Build(string appId, int appPort, INameResolver names) => SidecarApp.Build(new SidecarSetup
    {
        Options = new SidecarOptions { AppId = appId, HttpPort = 0, GrpcPort = 0, InternalGrpcPort = 0, AppPort = appPort },
        Names = names,
        Logging = _ => { },
    });
}
